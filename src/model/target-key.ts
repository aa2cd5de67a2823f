// The name of a target inside its group, in messages, maps and the store.

/** Name of a target inside its group. */
export function targetKey(id: string, port: number): string {
  return `${id}|${port}`
}

/** The ID and the port that a key was made of. */
export function splitTargetKey(key: string): { readonly id: string; readonly port: number } {
  const at = key.lastIndexOf('|')
  return { id: key.slice(0, at), port: Number(key.slice(at + 1)) }
}
