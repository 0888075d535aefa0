#!/bin/sh
# PARAM_RECORDS has one `NAME TYPE VALUE` a line; names are relative to the zone.
set -eu

cat > /etc/bind/ararat.key <<END
key "$PARAM_KEY_NAME" {
    algorithm hmac-sha256;
    secret "$PARAM_KEY_SECRET";
};
END
chown root:bind /etc/bind/ararat.key
chmod 0640 /etc/bind/ararat.key

cat > /etc/bind/named.conf <<END
include "/etc/bind/ararat.key";
options {
    directory "/var/cache/bind";
    listen-on { any; };
    listen-on-v6 { none; };
    recursion no;
    dnssec-validation no;
    minimal-responses yes;
    # A change must be on the secondary at once, not after the five seconds that BIND would collect changes.
    notify-delay 0;
    notify-rate 1000;
    startup-notify-rate 1000;
    serial-query-rate 1000;
};
END

case $PARAM_KIND in
primary)
    cat >> /etc/bind/named.conf <<END
zone "$PARAM_ZONE" {
    type primary;
    file "/var/lib/bind/$PARAM_ZONE.zone";
    notify explicit;
    also-notify { $PARAM_SECONDARY; };
    allow-transfer { $PARAM_SECONDARY; key "$PARAM_KEY_NAME"; };
    allow-update { key "$PARAM_KEY_NAME"; };
};
END
    {
        printf '$ORIGIN %s.\n$TTL %s\n' "$PARAM_ZONE" "$PARAM_TTL_SECONDS"
        printf '@ SOA ns1 hostmaster 1 5 1 86400 %s\n' "$PARAM_TTL_SECONDS"
        printf '@ NS ns1\n@ NS ns2\nns1 A %s\nns2 A %s\n' "$PARAM_PRIMARY" "$PARAM_SECONDARY"
        printf '%s\n' "$PARAM_RECORDS"
    } > "/var/lib/bind/$PARAM_ZONE.zone"
    chown bind:bind "/var/lib/bind/$PARAM_ZONE.zone"
    named-checkzone -q "$PARAM_ZONE" "/var/lib/bind/$PARAM_ZONE.zone"
    ;;
secondary)
    cat >> /etc/bind/named.conf <<END
zone "$PARAM_ZONE" {
    type secondary;
    file "/var/cache/bind/$PARAM_ZONE.zone";
    primaries { $PARAM_PRIMARY; };
    notify no;
    allow-transfer { key "$PARAM_KEY_NAME"; };
    # The defaults would keep a secondary that came up first without its zone for minutes.
    min-refresh-time 1;
    max-refresh-time 10;
    min-retry-time 1;
    max-retry-time 2;
};
END
    ;;
*)
    echo "kind must be primary or secondary: $PARAM_KIND" >&2
    exit 1
    ;;
esac
named-checkconf /etc/bind/named.conf
systemctl enable --quiet named.service
