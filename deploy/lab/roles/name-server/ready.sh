dig +short +time=1 +tries=1 @127.0.0.1 "$PARAM_ZONE" SOA | grep -q ns1
