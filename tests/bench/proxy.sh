#!/bin/bash
# proxy.sh - "make bench-proxy": the proxy beside the direct way, interleaved, on loopback, capture on: requests a second at keep-alive
# and new connections, a large download and upload, memory at 1,000 clients. Needs nginx and openssl; mitmdump is measured
# beside it where it is.
set -u
load=$1
iamreplay=$2
seconds=${3:-4}
nginx=$(command -v nginx || ls /usr/sbin/nginx 2>/dev/null) || { echo "bench-proxy: nginx is not here"; exit 77; }
dir=$(mktemp -d)
host=dynamodb.us-east-1.amazonaws.com
pids=
trap 'kill $pids 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
case $load in /*) ;; *) load=$PWD/$load ;; esac
case $iamreplay in /*) ;; *) iamreplay=$PWD/$iamreplay ;; esac
cd "$dir" || exit 1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -days 2 -subj /CN=bench \
	-addext "subjectAltName=DNS:$host" 2>/dev/null
cat >nginx.conf <<END
worker_processes 1; pid nginx.pid; error_log err.log; daemon off; user root;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 10000000; keepalive_timeout 600; client_max_body_size 0;
 client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
 server { listen 127.0.0.1:8943 ssl backlog=4096; ssl_certificate c.pem; ssl_certificate_key k.pem; root $dir;
  location / { default_type application/x-amz-json-1.0; return 200 '{"TableNames":["a","b","c"]}'; }
  location /large { sendfile off; } } }
END
"$nginx" -p "$dir" -c nginx.conf 2>/dev/null &
pids="$pids $!"
"$iamreplay" capture proxy -o calls --view none --listen 127.0.0.1:10943 --ca-dir "$dir/ca" --upstream-ca c.pem \
	--connect-to $host:8943:127.0.0.1:8943 2>proxy.log &
proxy=$!
pids="$pids $proxy"
sleep 1
total=0
measure() { # title, further arguments of proxy-load
	title=$1
	shift
	for round in 1 2; do
		echo "$title, direct: $("$load" 0 $host 8943 "$@")"
		line=$("$load" 10943 $host 8943 "$@")
		echo "$title, proxy:  $line"
		total=$((total + ${line%% *}))
	done
}
measure "8 keep-alive connections" 8 "$seconds"
measure "32 keep-alive connections" 32 "$seconds"
measure "8, each request on a new connection" 8 "$seconds" new
"$load" 10943 $host 8943 1000 "$seconds" >thousand
line=$(cat thousand)
total=$((total + ${line%% *}))
echo "1,000 clients, proxy: $line; $(grep VmHWM /proc/$proxy/status | tr -s '\t ' ' ')"
truncate -s 2G large
url=https://$host:8943
for way in "--connect-to ::127.0.0.1:8943" "-x http://127.0.0.1:10943"; do
	curl -s -k --http1.1 $way -o /dev/null -w '2 GB down, %{http_code}, %{speed_download} B/s ('"$way"')\n' $url/large
	curl -s -k --http1.1 $way -o /dev/null -T large -w '2 GB up, %{http_code}, %{speed_upload} B/s ('"$way"')\n' $url/up
done
total=$((total + 2))
if command -v mitmdump >/dev/null; then
	HOME=$dir mitmdump -q -p 10944 --set ssl_insecure=true --set confdir="$dir/mitm" --set connection_strategy=lazy \
		--map-remote "|https://$host:8943|https://127.0.0.1:8943" >/dev/null 2>&1 &
	pids="$pids $!"
	sleep 3
	echo "8 keep-alive connections, mitmdump: $("$load" 10944 $host 8943 8 "$seconds")"
fi
kill -TERM $proxy
wait $proxy
echo "proxy ended with $?; $(grep -c '"kind":"call"' calls) calls captured of $total requests"
