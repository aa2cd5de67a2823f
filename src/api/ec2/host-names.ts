// Names of hosts as EC2 makes them of addresses.

/** `ip-10-0-0-5.us-east-2.compute.internal` */
export function privateDnsName(region: string, address: string): string {
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`
  return `ip-${address.replaceAll('.', '-')}.${domain}`
}

/** `ec2-203-0-113-5.us-east-2.compute.amazonaws.com` */
export function publicDnsName(region: string, address: string): string {
  const domain = region === 'us-east-1' ? 'compute-1.amazonaws.com' : `${region}.compute.amazonaws.com`
  return `ec2-${address.replaceAll('.', '-')}.${domain}`
}
