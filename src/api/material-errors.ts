// Material that cannot be used becomes an error of the service that was asked to take it.

import { UnusableMaterial } from '../certificates/unusable-material.ts'
import type { ApiError } from './errors.ts'

/** What `read` gives; throws what `errorOf` makes of material that it refuses. */
export function withMaterialErrors<T>(read: () => T, errorOf: (refusal: UnusableMaterial) => ApiError): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof UnusableMaterial ? errorOf(error) : error
  }
}
