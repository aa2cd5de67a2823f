// Success codes of a health check as a target group names them, of HTTP or of gRPC: `200`, `200,202`, `0-99`
// (ALB-TG-214, 215).

/** A test for the codes that the text names. Parts that cannot be read match nothing; the API refuses them. */
export function compileMatcher(text: string): (code: number) => boolean {
  const ranges = text.split(',').flatMap((part) => {
    const match = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part)
    if (match === null) return []
    const first = Number(match[1])
    return [{ first, last: match[2] === undefined ? first : Number(match[2]) }]
  })
  return (code) => ranges.some(({ first, last }) => first <= code && code <= last)
}
