// A FIN of a client that is owed an answer.

/**
 * A FIN this soon after a complete request is a client that has nothing more to say and waits for its answer; a later
 * one is a client that has given up.
 */
export const HALF_CLOSE_MS = 100
