// Threat classes of HTTP desync mitigation and the reasons for them, as the access log names them (ALB-LB-260 … 263,
// ALB-OBS-199 … 217).

/** Higher is worse. */
export const Tier = { compliant: 0, acceptable: 1, ambiguous: 2, severe: 3 } as const
export type Tier = (typeof Tier)[keyof typeof Tier]

/** Reason codes with the class that each belongs to. */
export const reasonTiers = {
  GetHeadZeroContentLength: Tier.acceptable,
  NonCompliantHeader: Tier.acceptable,
  NonCompliantVersion: Tier.acceptable,
  SpaceInUri: Tier.acceptable,
  AmbiguousUri: Tier.ambiguous,
  BothTeClPresent: Tier.ambiguous,
  DuplicateContentLength: Tier.ambiguous,
  EmptyHeader: Tier.ambiguous,
  SuspiciousHeader: Tier.ambiguous,
  UndefinedContentLengthSemantics: Tier.ambiguous,
  UndefinedTransferEncodingSemantics: Tier.ambiguous,
  BadContentLength: Tier.severe,
  BadHeader: Tier.severe,
  BadMethod: Tier.severe,
  BadTransferEncoding: Tier.severe,
  BadUri: Tier.severe,
  BadVersion: Tier.severe,
  MultipleContentLength: Tier.severe,
  MultipleTransferEncodingChunked: Tier.severe,
} as const satisfies Record<string, Tier>

export type ClassificationReason = keyof typeof reasonTiers

/** The class as the access log writes it; a compliant request has none. */
export const tierNames: Readonly<Record<Tier, string>> = {
  [Tier.compliant]: '-',
  [Tier.acceptable]: 'Acceptable',
  [Tier.ambiguous]: 'Ambiguous',
  [Tier.severe]: 'Severe',
}
