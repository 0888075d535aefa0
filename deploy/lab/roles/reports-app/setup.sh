#!/bin/sh
set -eu
mkdir -p /opt/reports /etc/reports
install -m 0755 reports.py /opt/reports/reports.py
cat > /etc/reports/reports.conf <<END
listen_port=$PARAM_PORT
data=$PARAM_DATA
housing_url=$PARAM_HOUSING_URL
END
chgrp -R www-data "$PARAM_DATA"
install -m 0644 reports.service /etc/systemd/system/reports.service
systemctl enable --quiet reports.service
