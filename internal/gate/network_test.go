package gate_test

import (
	"net/netip"
	"strings"
	"testing"

	"pressroom/internal/gate"
)

func TestNetwork(t *testing.T) {
	for in, want := range map[string][2]string{
		"192.0.2.7":                 {"192.0.2.7", "192.0.2.0/24"},
		"::ffff:192.0.2.7":          {"192.0.2.7", "192.0.2.0/24"},
		"2001:db8:1:2:3:4:5:6":      {"2001:db8:1:2::/64", "2001:db8:1::/48"},
		"2001:db8:1:2:ffff::1":      {"2001:db8:1:2::/64", "2001:db8:1::/48"},
		"fe80::1%eth0":              {"fe80::/64", "fe80::/48"},
		"fe80::1%a-stranger-s-zone": {"fe80::/64", "fe80::/48"},
	} {
		a := netip.MustParseAddr(in)
		if got := gate.Network(a); got != want[0] {
			t.Errorf("network of %s: %s", in, got)
		}
		if got := gate.Coarse(a); got != want[1] {
			t.Errorf("%s, coarse: %s", in, got)
		}
	}
	if got := gate.Network(netip.Addr{}); got != "unknown" {
		t.Errorf("no address: %q", got)
	}
}

func TestClientAddr(t *testing.T) {
	for _, test := range []struct {
		peer, forwarded, want string // values of the header are parted by |
	}{
		{"203.0.113.9", "", "203.0.113.9"},
		{"203.0.113.9", "192.0.2.1", "203.0.113.9"},
		{"10.0.0.1", "", "10.0.0.1"},
		{"10.0.0.1", "192.0.2.1", "192.0.2.1"},
		{"::ffff:10.0.0.1", "::ffff:192.0.2.1", "192.0.2.1"},
		{"10.0.0.1", "198.51.100.1, 192.0.2.1", "192.0.2.1"},
		{"10.0.0.1", "198.51.100.1, 192.0.2.1, 10.0.0.2", "192.0.2.1"},
		{"10.0.0.1", "198.51.100.1|192.0.2.1|10.0.0.2 ,10.0.0.3", "192.0.2.1"},
		{"10.0.0.1", "10.0.0.5, 10.0.0.2", "10.0.0.5"},
		{"10.0.0.1", "192.0.2.1, unknown", "10.0.0.1"},
		{"10.0.0.1", "192.0.2.1, unknown, 10.0.0.2", "10.0.0.2"},
		{"10.0.0.1", "192.0.2.1,", "10.0.0.1"},
		{"10.0.0.1", "192.0.2.1,,10.0.0.2", "10.0.0.2"},
		{"10.0.0.1", "|192.0.2.1", "192.0.2.1"},
		{"10.0.0.1", "192.0.2.1|", "10.0.0.1"},
		{"10.0.0.1", "192.0.2.1:4711", "192.0.2.1"},
		{"10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"},
		{"10.0.0.1", "[2001:db8::1]", "2001:db8::1"},
		{"10.0.0.1", "2001:db8::1", "2001:db8::1"},
		{"10.0.0.1", "fe80::1%eth0", "fe80::1"},
		{"10.0.0.1", "[192.0.2.1]", "10.0.0.1"},
		{"10.0.0.1", `"192.0.2.1"`, "10.0.0.1"},
		{"10.0.0.1", "for=192.0.2.1", "10.0.0.1"},
		{"10.0.0.1", "192.0.2.010", "10.0.0.1"},
		{"10.0.0.1", strings.Repeat("1", 1<<14), "10.0.0.1"},
		{"fd00::1", "192.0.2.1, fd00::2", "192.0.2.1"},
		{"10.0.0.1", "192.0.2.1" + strings.Repeat(",10.0.0.2", 31), "192.0.2.1"},
		{"10.0.0.1", "192.0.2.1" + strings.Repeat(",10.0.0.2", 32), "10.0.0.2"},
	} {
		var forwarded []string
		if test.forwarded != "" {
			forwarded = strings.Split(test.forwarded, "|")
		}
		got := gate.ClientAddr(netip.MustParseAddr(test.peer), forwarded, proxies)
		if got.String() != test.want {
			t.Errorf("%s for %.60q: got %s, want %s", test.peer, test.forwarded, got, test.want)
		}
	}
	if got := gate.ClientAddr(netip.MustParseAddr("10.0.0.1"), []string{"192.0.2.1"}, nil); got.String() != "10.0.0.1" {
		t.Errorf("nobody is trusted: %s", got)
	}
	if got := gate.ClientAddr(netip.Addr{}, []string{"192.0.2.1"}, proxies); got.IsValid() {
		t.Errorf("a peer without an address: %s", got)
	}
}

var proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}

// Whatever a stranger writes into the header, what the proxy adds at its right counts.
func FuzzClientAddr(f *testing.F) {
	f.Add("192.0.2.1, 10.0.0.7", "198.51.100.1")
	f.Add("", "")
	f.Add("10.0.0.1,[::1]:80,", "unknown,")
	f.Fuzz(func(t *testing.T, a, b string) {
		proxy, real := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("203.0.113.77")
		if got := gate.ClientAddr(real, []string{a, b}, proxies); got != real {
			t.Fatalf("from an untrusted peer: %s", got)
		}
		for _, forwarded := range [][]string{{a, b, real.String()}, {a, b + ", " + real.String()}, {a, b, real.String() + ":80 , 10.1.2.3"}} {
			if got := gate.ClientAddr(proxy, forwarded, proxies); got != real {
				t.Fatalf("%q: %s", forwarded, got)
			}
		}
		if got := gate.ClientAddr(proxy, []string{a, b}, proxies); !got.IsValid() || got.Is4In6() || got.Zone() != "" {
			t.Fatalf("%q %q: %s", a, b, got)
		}
	})
}
