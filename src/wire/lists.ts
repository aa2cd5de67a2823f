// Blanks and comma-separated lists in the values of fields (RFC 9110 section 5.6). Only space and tab are blanks:
// JavaScript's own `trim` and `\s` take others too, which other parsers do not.

/** Whether a character code is a space or a tab. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** Position of the first character from `from` that is no blank. */
export function skipBlanks(text: string, from: number, end: number): number {
  while (from < end && isBlank(text.charCodeAt(from))) from++
  return from
}

/** End of the text between `start` and `end` without the blanks at its end. */
export function trimEnd(text: string, start: number, end: number): number {
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return end
}

/** Text without blanks at both ends. */
export function trimBlanks(text: string): string {
  const start = skipBlanks(text, 0, text.length)
  const end = trimEnd(text, start, text.length)
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/** Lower-case items of a comma-separated list; empty ones are left out. */
export function splitList(value: string): string[] {
  if (!value.includes(',')) {
    const item = trimBlanks(value)
    return item === '' ? [] : [item.toLowerCase()]
  }
  const items: string[] = []
  for (const item of value.toLowerCase().split(',')) {
    const trimmed = trimBlanks(item)
    if (trimmed !== '') items.push(trimmed)
  }
  return items
}

/** Number of items of a comma-separated list that are not empty, at most `most`. */
export function countItems(value: string, most: number): number {
  let count = 0
  for (let start = 0; start <= value.length && count < most;) {
    const comma = value.indexOf(',', start)
    const end = comma === -1 ? value.length : comma
    if (skipBlanks(value, start, end) < end) count++
    start = end + 1
  }
  return count
}
