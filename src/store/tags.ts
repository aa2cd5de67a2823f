// Tags of resources of every service.

export interface Tag {
  readonly key: string
  readonly value: string
}

export interface TagReader {
  /** In order of key. */
  of(resourceArn: string): Promise<readonly Tag[]>
}

export interface TagWriter extends TagReader {
  /** Adds or replaces. */
  put(resourceArn: string, tags: readonly Tag[]): Promise<void>
  remove(resourceArn: string, keys: readonly string[]): Promise<void>
}
