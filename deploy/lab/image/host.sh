#!/bin/sh
# Run once in the root of each host before its roles: what every host of the lab has in common.
set -eu

# Nothing that a package brought runs unless a role says so: the targets are bare.
systemctl disable --quiet nginx.service named.service postgresql.service 2>/dev/null || true
rm -f /etc/nginx/sites-enabled/default

# A host of the lab has no hardware, no console to log in at, and no packages to fetch.
systemctl mask --quiet systemd-udevd.service systemd-udev-trigger.service systemd-timesyncd.service \
    console-getty.service getty.target apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-pstore.service nginx-light.service \
    systemd-networkd-wait-online.service
systemctl enable --quiet systemd-networkd.service ssh.service

echo "$LAB_HOST" > /etc/hostname
# Two hosts with one machine id would share journals and DHCP identities.
printf '%s' "ararat-lab $LAB_HOST" | md5sum | cut -c1-32 > /etc/machine-id
cat > /etc/hosts <<END
127.0.0.1 localhost
$LAB_ADDRESS $LAB_HOST
END

# /etc/resolv.conf may be a link in the image: replace it, do not write through it.
rm -f /etc/resolv.conf
{
    [ -z "$LAB_DOMAIN" ] || echo "search $LAB_DOMAIN"
    for server in $LAB_NAME_SERVERS; do echo "nameserver $server"; done
    echo "options timeout:1 attempts:2"
} > /etc/resolv.conf

# 10 sorts before the 80-container-host0.network that systemd ships for its own containers.
cat > /etc/systemd/network/10-host0.network <<END
[Match]
Name=host0

[Network]
Address=$LAB_ADDRESS/$LAB_PREFIX_LENGTH
Gateway=$LAB_GATEWAY
LinkLocalAddressing=no
IPv6AcceptRA=no
DHCP=no
END

mkdir -p /etc/systemd/journald.conf.d
cat > /etc/systemd/journald.conf.d/lab.conf <<END
[Journal]
Storage=volatile
RuntimeMaxUse=16M
END

cat > /etc/ssh/sshd_config.d/lab.conf <<END
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
END
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
mkdir -p /root/.ssh
chmod 700 /root/.ssh

# The witness counts what really ran (see deploy/lab/README.md). Any user's process may write its line.
mkdir -p /var/lib/witness /usr/lib/witness
chmod 0777 /var/lib/witness
: > /var/lib/witness/log
chmod 0666 /var/lib/witness/log
install -m 0755 /run/lab/witness.so /usr/lib/witness/witness.so
echo /usr/lib/witness/witness.so > /etc/ld.so.preload
