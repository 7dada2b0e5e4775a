import { BlockList, isIP } from 'node:net'

/**
 * Where an address leads: `public`; `loopback`, this machine; `private`, the network that it stands in; `never`: what
 * no service has a reason to call (link-local with the clouds' metadata, unspecified, multicast, reserved).
 */
export type Reach = 'public' | 'loopback' | 'private' | 'never'

/** IANA's special-purpose registries for IPv4 (RFC 6890), as [network, prefix]. */
const never4 = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const
const loopback4 = [['127.0.0.0', 8]] as const
/** RFC 1918, and RFC 6598's addresses behind a carrier, where clouds keep services of their own. */
const private4 = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const
/** What of 2000::/3 leads nowhere, or through a tunnel to an IPv4 address: protocol assignments, examples, 6to4. */
const never6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const
/** Amazon's metadata service has an address of the private range. */
const metadata6 = [['fd00:ec2::', 32]] as const

type Networks = readonly (readonly [string, number])[]
const lists = new Map<Networks, BlockList>()

/**
 * Where an IP address leads. IPv4 in IPv6 (mapped, or NAT64's `64:ff9b::/96`) leads where the IPv4 address does.
 * @param address without brackets; what is no IP address leads nowhere
 */
export function reachOf(address: string): Reach {
  const plain = address.replace(/%.*$/, '')
  if (isIP(plain) === 4) {
    if (within(plain, loopback4, 4)) return 'loopback'
    if (within(plain, never4, 4)) return 'never'
    return within(plain, private4, 4) ? 'private' : 'public'
  }
  if (isIP(plain) !== 6) return 'never'
  const groups = groupsOf(plain)
  const inner = embedded(groups)
  if (inner !== null) return reachOf(inner)
  if (groups.every((group, index) => group === (index === 7 ? 1 : 0))) return 'loopback'
  if (within(plain, metadata6, 6)) return 'never'
  if (((groups[0] ?? 0) & 0xfe00) === 0xfc00) return 'private'
  return ((groups[0] ?? 0) & 0xe000) === 0x2000 && !within(plain, never6, 6) ? 'public' : 'never'
}

function within(address: string, networks: Networks, version: 4 | 6): boolean {
  let list = lists.get(networks)
  if (!list) {
    list = new BlockList()
    for (const [network, prefix] of networks) list.addSubnet(network, prefix, `ipv${version}`)
    lists.set(networks, list)
  }
  return list.check(address, `ipv${version}`)
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  // The URL parser writes every form, one with dots in it as well, in hexadecimal groups.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::')
  const parse = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [before, after] = [parse(head), parse(tail ?? '')]
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after]
}

/** The IPv4 address that an IPv6 address stands for; null where for none. */
function embedded(groups: readonly number[]): string | null {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, high = 0, low = 0] = groups
  const zeros = c === 0 && d === 0 && e === 0
  const mapped = a === 0 && b === 0 && zeros && f === 0xffff
  const translated = a === 0x64 && b === 0xff9b && zeros && f === 0
  return mapped || translated ? [high >> 8, high & 255, low >> 8, low & 255].join('.') : null
}
