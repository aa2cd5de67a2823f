// Rules for the names of load balancers and target groups (ALB-LB-336 … 338, ALB-TG-164).

/** Longest name. */
const LENGTH_MAX = 32

/** What is wrong with a name, as the end of a sentence, or undefined. */
export function nameProblem(name: string): string | undefined {
  if (name.length === 0) return 'cannot be empty'
  if (name.length > LENGTH_MAX) return `cannot be longer than '${LENGTH_MAX}' characters`
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    return 'can only contain characters that are alphanumeric characters and hyphens(-)'
  }
  if (name.startsWith('-') || name.endsWith('-')) return `cannot begin or end with '-'`
  return undefined
}
