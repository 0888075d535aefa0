exec curl --silent --fail --max-time 3 --output /dev/null http://127.0.0.1/web-healthz
