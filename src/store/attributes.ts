// Attributes of load balancers, listeners and target groups.

export interface AttributeReader {
  /** Attributes that were set; defaults are not stored. */
  of(resourceArn: string): Promise<ReadonlyMap<string, string>>
}

export interface AttributeWriter extends AttributeReader {
  /** Adds or replaces. */
  set(resourceArn: string, attributes: ReadonlyMap<string, string>): Promise<void>
}
