# Varnish (6 or newer) as the cache in front of nginx.conf. Something before it ends TLS, and
# nginx listens for it on a private port besides: "listen 127.0.0.1:8080;" in the second
# server. The gate's trustedProxies are all that stand before it: nginx, Varnish and what
# ends TLS. Other CDNs are told the same in their own words, see cdn.md.
vcl 4.1;

backend origin {
	.host = "127.0.0.1";
	.port = "8080";
	.first_byte_timeout = 75s;
	.between_bytes_timeout = 75s;
}

sub vcl_recv {
	# What the gate answers belongs to one reader and goes through as it is, a large file
	# at the reader's pace and without being gathered here.
	if (req.url ~ "^/files/") {
		return (pipe);
	}
	if (req.url ~ "^/(account|newsletter|download|files)(/|\?|$)") {
		return (pass);
	}
	# The site knows nobody: no cookie gets to it, no query makes two of one page.
	unset req.http.Cookie;
	unset req.http.Authorization;
	set req.url = regsub(req.url, "\?.*$", "");
}

sub vcl_backend_response {
	if (bereq.url ~ "^/(account|newsletter|download|files)(/|\?|$)") {
		# Whatever its headers say.
		set beresp.uncacheable = true;
		set beresp.ttl = 0s;
		return (deliver);
	}
	unset beresp.http.Set-Cookie;
	# A site that is away for an hour is still there, as it was.
	set beresp.grace = 1h;
}
