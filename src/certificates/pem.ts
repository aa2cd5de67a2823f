// Blocks of PEM text (RFC 7468), found in one pass over what a caller sent.

export interface PemBlock {
  /** `CERTIFICATE`, `RSA PRIVATE KEY` … */
  readonly label: string
  /** The block from its first to its last line, with LF at the line ends. */
  readonly text: string
}

const BEGIN = '-----BEGIN '
const DASHES = '-----'

/** The blocks in order; text around them is ignored. Undefined if a block does not end. */
export function pemBlocks(text: string): readonly PemBlock[] | undefined {
  const blocks: PemBlock[] = []
  for (let at = text.indexOf(BEGIN); at !== -1;) {
    const labelAt = at + BEGIN.length
    const labelEnd = text.indexOf(DASHES, labelAt)
    if (labelEnd === -1) return undefined
    const label = text.slice(labelAt, labelEnd)
    if (!/^[A-Z0-9 ]{1,64}$/.test(label)) return undefined
    const last = `-----END ${label}-----`
    const end = text.indexOf(last, labelEnd)
    if (end === -1) return undefined
    blocks.push({ label, text: `${text.slice(at, end + last.length).replaceAll('\r', '')}\n` })
    at = text.indexOf(BEGIN, end + last.length)
  }
  return blocks
}
