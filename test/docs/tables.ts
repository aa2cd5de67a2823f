// Tables of Markdown pages.

type Cells = readonly string[]

/** The head and the rows of the first table whose first column is called so; backquotes around a cell are taken off. */
export function tableOf(text: string, firstColumn: string): readonly [head: Cells, rows: readonly Cells[]] {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => line.startsWith(`| ${firstColumn} |`))
  if (first === -1) throw new Error(`There is no table with a first column "${firstColumn}"`)
  const behind = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  const [head = [], , ...rows] = lines.slice(first, behind === -1 ? lines.length : behind).map(cellsOf)
  return [head, rows]
}

function cellsOf(line: string): Cells {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1'))
}
