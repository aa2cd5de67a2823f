// Texts that are made to cost time: one piece over and over, in every place where a parser looks for what comes next.

import type { Hostile } from './work-per-byte.ts'

/** What parsers split at, trim, decode and compare, alone and where one thing is begun again and again. */
export const PIECES: readonly string[] = [
  ...' \t\0\x7f\x0b\xa0\xff\r,;:=&%"\'\\/?#.@-_*+()[]{}<>!aA0'.split(''),
  ...'a ‖ a‖\t a‖, ‖,\t‖; ‖a,‖a;‖a=‖=;‖a=b;‖a=b&‖&&a‖a=&‖:a‖a:'.split('‖'),
  ...'/.‖/..‖/a/..‖./‖%2‖%2e‖%2F‖%zz‖%%‖""‖\\"‖::‖::1‖1.‖1.1,‖://‖http://'.split('‖'),
  ...'Root=‖Root=1;‖Self=1;‖AWSALB=x;‖chunked,‖close,‖identity, ‖-----‖#{path}‖&amp;‖*a‖?a‖aab‖www.'.split(
    '‖',
  ),
]

/** `piece` over and over between two texts. */
export function repeated(piece: string, before = '', after = ''): Hostile {
  return {
    name: JSON.stringify(`${before}${piece}…${after}`).slice(0, 90),
    make: (bytes) => {
      const count = Math.max(1, Math.floor((bytes - before.length - after.length) / piece.length))
      return before + piece.repeat(count) + after
    },
  }
}

/** Every piece between two texts. */
export function repeatedPieces(before = '', after = ''): Hostile[] {
  return PIECES.map((piece) => repeated(piece, before, after))
}

/** Texts with a number each, one behind the other. */
export function numbered(text: (index: number) => string, before = '', after = ''): Hostile {
  return {
    name: JSON.stringify(`${before}${text(1)}${text(2)}…${after}`).slice(0, 90),
    make: (bytes) => {
      const texts: string[] = []
      let length = before.length + after.length
      while (length < bytes) length += texts[texts.push(text(texts.length + 1)) - 1]?.length ?? 0
      return before + texts.join('') + after
    },
  }
}
