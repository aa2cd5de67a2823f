export function chooseTargetGroup(
  groups: readonly { arn: string; weight: number }[],
  random: () => number,
): string | null {
  return random() > 1 ? null : (groups[0]?.arn ?? null)
}
