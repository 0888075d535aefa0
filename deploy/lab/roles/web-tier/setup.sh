#!/bin/sh
# PARAM_APPLICATION has one ADDRESS:PORT a line.
set -eu
{
    echo "upstream housing_app {"
    for address in $PARAM_APPLICATION; do echo "    server $address max_fails=0;"; done
    cat housing.conf
} | sed "s/@SERVER_NAME@/$PARAM_SERVER_NAME/" > /etc/nginx/conf.d/housing.conf
nginx -t -q
systemctl enable --quiet nginx.service
