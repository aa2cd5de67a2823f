// What is to be done when all events of this turn of the event loop are over: connections let go of what they have collected,
// each in one write.

export interface AtTurnEnd {
  turnEnds(): void
}

let due: AtTurnEnd[] = []
let spare: AtTurnEnd[] = []

/** Calls `turnEnds` once, when this turn is over. Who asks twice is called twice. */
export function atTurnEnd(who: AtTurnEnd): void {
  if (due.length === 0) setImmediate(runDue)
  due.push(who)
}

function runDue(): void {
  const running = due
  due = spare
  for (const who of running) who.turnEnds()
  running.length = 0
  spare = running
}
