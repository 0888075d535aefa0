#!/bin/sh
set -eu
mkdir -p /opt/housing /etc/housing
install -m 0755 housing.py /opt/housing/housing.py
install -m 0644 pool.py /opt/housing/pool.py
cat > /etc/housing/app.conf <<END
listen_port=$PARAM_PORT
database_host=$PARAM_DATABASE_HOST
database_port=$PARAM_DATABASE_PORT
database_name=$PARAM_DATABASE
database_user=$PARAM_USER
database_password_file=/etc/housing/db.pass
END
printf '%s\n' "$PARAM_PASSWORD" > /etc/housing/db.pass
chown root:www-data /etc/housing/db.pass
chmod 0640 /etc/housing/db.pass
install -m 0644 housing-app.service /etc/systemd/system/housing-app.service
systemctl enable --quiet housing-app.service
