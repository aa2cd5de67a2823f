// What became of a request in one phase of the pipeline.

export const Verdict = {
  goOn: 0,
  /** It has its answer; its exchange may serve another request already. */
  answered: 1,
  /** It waits in a room, which says when it goes on. */
  wait: 2,
} as const
export type Verdict = (typeof Verdict)[keyof typeof Verdict]
