// What keeps a process from starting and the operator can mend. Knows nothing of who reports it.

/** A start that cannot go on: one line that names the file or setting, what is wrong with it, and the remedy. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
