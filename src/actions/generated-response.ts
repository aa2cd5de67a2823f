export function errorPage(status: number): { reason: string; body: string } {
  return { reason: 'X', body: `<html>${status}</html>` }
}
