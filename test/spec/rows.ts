// Reads the requirement rows out of the Markdown tables of spec/: lines whose first cell is an ID such as ALB-LB-001.

/** One requirement. */
export interface Row {
  readonly id: string
  readonly requirement: string
  /** File below spec/. */
  readonly file: string
  /** Heading of the table. */
  readonly section: string
}

const HEADING = /^#+ +(.+)$/
const FIRST_CELL = /^\| *([A-Z]+(?:-[A-Z]+)*-\d{3}) *\|(.*)$/
const CELL_END = /(?<!\\)\|/

/** Rows of one file, in order. */
export function readRows(file: string, markdown: string): Row[] {
  const rows: Row[] = []
  let section = ''
  for (const line of markdown.split('\n')) {
    const heading = HEADING.exec(line)
    if (heading !== null) section = heading[1] ?? ''
    const cell = FIRST_CELL.exec(line)
    if (cell === null) continue
    const [, id = '', rest = ''] = cell
    rows.push({ id, requirement: (rest.split(CELL_END)[0] ?? '').trim(), file, section })
  }
  return rows
}
