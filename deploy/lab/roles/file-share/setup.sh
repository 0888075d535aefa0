#!/bin/sh
set -eu
# Whoever serves a share reads all of it, also what is not for everyone.
chgrp -R www-data "$PARAM_PATH"
cat > /etc/nginx/conf.d/share.conf <<END
server {
    listen 80 default_server;
    root $PARAM_PATH;
    autoindex on;
    charset utf-8;
    disable_symlinks if_not_owner;
    add_header X-Web-Server \$hostname always;
}
END
nginx -t -q
systemctl enable --quiet nginx.service
