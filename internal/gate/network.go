package gate

import (
	"net/netip"
	"slices"
	"strings"
)

// Network is how the limits count an address: IPv4 by itself, IPv6 by its /64, since one
// subscriber has all of that. An address that is not known is counted too, as one network
// with all the others: never no limit.
func Network(addr netip.Addr) string { return grouped(addr, 32, 64) }

// Coarse is how a list of sessions shows an address: enough for its owner to recognise
// their provider, too little to find a house. IPv4 by its /24, IPv6 by its /48.
func Coarse(addr netip.Addr) string { return grouped(addr, 24, 48) }

func grouped(addr netip.Addr, v4, v6 int) string {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return "unknown"
	}
	bits := v6
	if addr.Is4() {
		bits = v4
	}
	p := netip.PrefixFrom(addr, bits).Masked()
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// maxHops is how many proxies of our own a request can have come through; more are a loop.
const maxHops = 32

// ClientAddr is where a request came from. forwarded are the values of X-Forwarded-For in
// their order, trusted the networks of our own proxies. The header is ignored from a peer
// that is not one of them. Each proxy adds at the right whom it heard from, so the list
// is walked from there to the first that is not ours; what stands further left anybody
// could have written. A hop that is no address ends the walk at the last of our own.
func ClientAddr(peer netip.Addr, forwarded []string, trusted []netip.Prefix) netip.Addr {
	ours := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	at := peer.Unmap().WithZone("")
	hops := 0
	for _, value := range slices.Backward(forwarded) {
		for more := true; more; hops++ {
			if !ours(at) || hops == maxHops {
				return at
			}
			var hop string
			if i := strings.LastIndexByte(value, ','); i >= 0 {
				value, hop = value[:i], value[i+1:]
			} else {
				hop, more = value, false
			}
			next, ok := parseHop(hop)
			if !ok {
				return at
			}
			at = next
		}
	}
	return at
}

// parseHop reads one element: an address, with a port as some proxies add it, an IPv6 one
// in brackets or not.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.Trim(s, " \t")
	if len(s) > 64 {
		return netip.Addr{}, false
	}
	if p, err := netip.ParseAddrPort(s); err == nil {
		return p.Addr().Unmap().WithZone(""), true
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		s = s[1 : len(s)-1]
		if !strings.Contains(s, ":") {
			return netip.Addr{}, false
		}
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err == nil
}
