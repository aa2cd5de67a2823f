// Finds the requirement IDs that tests cite, and titles that cite more than a test can prove: the titles of test(), it(), describe() and suite() calls in a source text,
// the literals that begin with an ID, which are the titles of tables of cases, and the IDs in a title, with ranges
// (ALB-LSN-172..175) and lists (ALB-TG-189, 190 and 192).

const TITLE =
  /\b(?:test|it|describe|suite)(?:\.(?:only|skip|todo))?\(\s*(['"`])((?:\\[\s\S]|(?!\1)[^\\])*)\1/g
const TABLE_TITLE = /(['"`])((?:ALB-[A-Z]+|CLB)-\d{3}(?!\d)(?:\\[\s\S]|(?!\1)[^\\])*)\1/g
const COMMENT_LINE = /^\s*(?:\/\/|\*|\/\*).*$/gm
const FIRST = /\b([A-Z]+(?:-[A-Z]+)*)-(\d{3})(?!\d)/g
const NEXT = /^(?:(\s*(?:\.\.|…)\s*)|\s*(?:,|\/|\+|&|\band\b)\s*(?:and\s+)?)(\d{3})(?![\d-])/

/** As many rows as one title may cite, however it writes them. Whoever proves more has more than one sentence to say. */
const MOST_ROWS = 12

/** Literal titles of all test calls and tables in a source text, each once. Titles made by expressions are not seen. */
export function testTitles(source: string): string[] {
  const code = source.replace(COMMENT_LINE, '')
  const titles = [...code.matchAll(TITLE), ...code.matchAll(TABLE_TITLE)].map(([, , title = '']) => title)
  return [...new Set(titles)]
}

/** Why a title of a file cites too many rows; null when it does not. */
export function tooManyRows(file: string, title: string): string | null {
  const { size } = new Set(citedIds(title))
  if (size <= MOST_ROWS) return null
  return `${file}: a title cites ${size} rows, more than the ${MOST_ROWS} that a test can prove: ${title}`
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
