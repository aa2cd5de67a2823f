// What keeps a process from starting and the operator can mend. Knows nothing of who reports it.

/** A start that cannot go on: one line that names the file or setting, what is wrong with it, and the remedy. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** For a place where nothing can listen: what was to listen there, and how to choose another. */
export function placeNotHad(
  what: string,
  { host, port }: { readonly host: string; readonly port: number },
  cause: unknown,
  remedy: string,
): StartError {
  const code = codeOf(cause)
  const reason = code === 'EADDRINUSE' ? 'another program listens there' : code
  return new StartError(
    `Cannot listen for ${what} at ${host}:${port}: ${reason}; choose another place with ${remedy}`,
    { cause },
  )
}

/** The system's code of an error, or its text. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}
