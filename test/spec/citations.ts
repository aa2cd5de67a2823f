// Finds the requirement IDs that tests cite: the titles of test(), it(), describe() and suite() calls in a source text,
// the literals that begin with an ID, which are the titles of tables of cases, and the IDs in a title, with ranges
// (ALB-LSN-172..175) and lists (ALB-TG-189, 190 and 192).

const TITLE =
  /\b(?:test|it|describe|suite)(?:\.(?:only|skip|todo))?\(\s*(['"`])((?:\\[\s\S]|(?!\1)[^\\])*)\1/g
const TABLE_TITLE = /(['"`])((?:ALB-[A-Z]+|CLB)-\d{3}(?!\d)(?:\\[\s\S]|(?!\1)[^\\])*)\1/g
const COMMENT_LINE = /^\s*(?:\/\/|\*|\/\*).*$/gm
const FIRST = /\b([A-Z]+(?:-[A-Z]+)*)-(\d{3})(?!\d)/g
const NEXT = /^(?:(\s*(?:\.\.|…)\s*)|\s*(?:,|\/|\+|&|\band\b)\s*(?:and\s+)?)(\d{3})(?![\d-])/

/** Literal titles of all test calls and tables in a source text. Titles made by expressions are not seen. */
export function testTitles(source: string): string[] {
  const code = source.replace(COMMENT_LINE, '')
  return [...code.matchAll(TITLE), ...code.matchAll(TABLE_TITLE)].map(([, , title = '']) => title)
}

/** IDs that a title cites, ranges and lists written out; nothing is checked against the rows. */
export function citedIds(title: string): string[] {
  const ids: string[] = []
  for (const match of title.matchAll(FIRST)) {
    const [text, prefix = '', digits = ''] = match
    let last = Number(digits)
    ids.push(rowId(prefix, last))
    let rest = title.slice(match.index + text.length)
    for (let next = NEXT.exec(rest); next !== null; next = NEXT.exec(rest)) {
      const [whole, range, number = ''] = next
      const to = Number(number)
      for (let each = range === undefined ? to : last + 1; each <= to; each++) ids.push(rowId(prefix, each))
      last = to
      rest = rest.slice(whole.length)
    }
  }
  return ids
}

function rowId(prefix: string, number: number): string {
  return `${prefix}-${String(number).padStart(3, '0')}`
}
