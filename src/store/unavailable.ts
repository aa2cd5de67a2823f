// The store cannot be written to for the time being. Nothing of what was asked for was kept; later it may be.

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}
