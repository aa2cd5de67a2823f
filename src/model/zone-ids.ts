// IDs of Availability Zones, which AWS's newer APIs name them by.

/** `us-east-2a` as `use2-az1`. */
export function zoneId(name: string): string {
  const match = /^([a-z]{2})-(?:gov-)?([a-z])[a-z]*(?:-[a-z]+)?-(\d+)([a-z])$/.exec(name)
  const [, country = '', direction = '', number = '', letter = 'a'] = match ?? []
  return `${country}${direction}${number}-az${letter.charCodeAt(0) - 96}`
}
