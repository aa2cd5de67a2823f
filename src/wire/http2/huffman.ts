// Reads strings in the Huffman code of HPACK (RFC 7541 section 5.2): four bits a step through a table of states. None are
// written: the bytes that it saves are not worth what it costs on the way of every answer.

import { codeLengths, codes, END_OF_STRING } from './huffman-code.ts'

/** Bits of one step; a code has five at least, so that a step ends one at most. */
const STEP_BITS = 4
const STEPS = 1 << STEP_BITS
/** In an entry of `steps`, beside the next state in the low byte and the byte that was read in the next one. */
const EMITS = 0x1_0000
const FAILS = 0x2_0000
/** How many bits of END_OF_STRING may fill the last byte. */
const PADDING_BITS_MAX = 7

/** By state and four bits. A state is a node of the code's tree that has children; 0 is its root. */
const steps = new Uint32Array(256 * STEPS)
/** By state: whether a string may end there. */
const mayEnd = new Uint8Array(256)
fillTables()

/**
 * Reads the bytes of `source` between `start` and `end` as a Huffman string into `target` from `at` on, which has room for
 * 8/5 of them. Returns the position after the last byte written, or -1: padding that is none, or END_OF_STRING.
 */
export function decodeHuffman(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  let state = 0
  let written = at
  for (let position = start; position < end; position++) {
    const byte = source[position] as number
    const first = steps[state * STEPS + (byte >> 4)] as number
    if (first >= EMITS) {
      if (first >= FAILS) return -1
      target[written++] = first >> 8
    }
    const second = steps[(first & 0xff) * STEPS + (byte & 15)] as number
    if (second >= EMITS) {
      if (second >= FAILS) return -1
      target[written++] = second >> 8
    }
    state = second & 0xff
  }
  return mayEnd[state] === 1 ? written : -1
}

/** The code's tree: for each node with children the two of them. Leaves are -1 - symbol. */
function codeTree(): number[][] {
  const nodes: number[][] = [[]]
  for (const [symbol, code] of codes.entries()) {
    let node = 0
    for (let bit = (codeLengths[symbol] as number) - 1; bit > 0; bit--) {
      const children = nodes[node] as number[]
      const side = (code >>> bit) & 1
      node = children[side] ??= nodes.push([]) - 1
    }
    ;(nodes[node] as number[])[code & 1] = -1 - symbol
  }
  return nodes
}

function fillTables(): void {
  const nodes = codeTree()
  for (let state = 0; state < nodes.length; state++) {
    for (let bits = 0; bits < STEPS; bits++) steps[state * STEPS + bits] = step(nodes, state, bits)
  }
  let node = 0
  for (let length = 0; length <= PADDING_BITS_MAX; length++) {
    mayEnd[node] = 1
    node = (nodes[node] as number[])[1] as number
  }
}

function step(nodes: readonly number[][], state: number, bits: number): number {
  let node = state
  let emitted = 0
  for (let bit = STEP_BITS - 1; bit >= 0; bit--) {
    node = (nodes[node] as number[])[(bits >>> bit) & 1] as number
    if (node >= 0) continue
    const symbol = -1 - node
    if (symbol === END_OF_STRING) return FAILS
    emitted = EMITS | (symbol << 8)
    node = 0
  }
  return emitted | node
}
