// Lines of access logs, taken apart as their readers do it: fields are separated by blanks, some are quoted.

export interface LogLine {
  /** Field 1 is at index 0; quotes are taken off. */
  readonly fields: readonly string[]
  /** Numbers, from 1, of the fields in quotes. */
  readonly quoted: readonly number[]
}

export function parseLogLine(line: string): LogLine {
  const tokens = line.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? []
  return {
    fields: tokens.map((token) => (token.startsWith('"') ? token.slice(1, -1) : token)),
    quoted: tokens.flatMap((token, index) => (token.startsWith('"') ? [index + 1] : [])),
  }
}
