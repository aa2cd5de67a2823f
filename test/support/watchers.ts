// Waiting for what events bring about: looked at after each of them, with an end.

export class Watchers {
  readonly #checks = new Set<() => void>()

  /** Something has happened: whoever waits looks again. */
  wake(): void {
    for (const check of this.#checks) check()
  }

  /** Resolves as soon as `isMet` holds; rejects with `seen` when it does not within so many real milliseconds. */
  async until(isMet: () => boolean, deadlineMs: number, seen: () => string): Promise<void> {
    if (isMet()) return
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#checks.delete(check)
      }
      const timer = setTimeout(() => {
        settle()
        reject(new Error(`Not within ${deadlineMs} ms; ${seen()}`))
      }, deadlineMs)
      const check = (): void => {
        if (!isMet()) return
        settle()
        resolve()
      }
      this.#checks.add(check)
    })
  }
}
