// Errors that both load balancing APIs have.

import { ApiError } from '../errors.ts'

/** Refuses settings that are well-formed and cannot be had. */
export function invalidConfiguration(message: string): ApiError {
  return new ApiError('InvalidConfigurationRequest', message)
}
