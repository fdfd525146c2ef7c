#!/bin/bash
# proxy.sh - "make bench-proxy": the proxy beside the direct way, interleaved, on loopback, capture on: requests a second at keep-alive
# and new connections, a large download and upload, memory at 1,000 clients. Needs nginx and openssl; mitmdump is measured
# in the same turns where it is.
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
# mitmdump connects to the CONNECT's host before a map of its own applies; an addon sends each request to the server instead.
mitmdump=$(command -v mitmdump) || echo "bench-proxy: mitmdump is not here: not compared"
if [ -n "$mitmdump" ]; then
	cat >to.py <<-END
		def request(flow):
		    flow.request.host = "127.0.0.1"
		    flow.request.headers["Host"] = "$host"
	END
	HOME=$dir "$mitmdump" -q -p 10944 --set ssl_insecure=true --set upstream_cert=false --set connection_strategy=lazy \
		--set confdir="$dir/mitm" -s to.py >mitm.log 2>&1 &
	pids="$pids $!"
fi
for port in 8943 10943 ${mitmdump:+10944}; do
	for _ in $(seq 100); do
		(: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
		sleep 0.1
	done
done
total=0

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }'; }
# Each way in turn, so that they share whatever else the machine does; the medians' ratios follow.
measure() { # title, rounds, further arguments of proxy-load
	title=$1
	rounds=$2
	shift 2
	rm -f direct.n proxy.n mitm.n
	for _ in $(seq "$rounds"); do
		for way in "direct 0" "proxy 10943" ${mitmdump:+"mitm 10944"}; do
			line=$("$load" "${way#* }" $host 8943 "$@")
			echo "$title, ${way% *}: $line"
			echo "$line" | sed 's/.* errors, \([0-9]*\).*/\1/' >>"${way% *}.n"
			[ "${way% *}" = proxy ] && total=$((total + ${line%% *}))
		done
	done
	echo "$title: median $(median proxy.n)/s, $(ratio "$(median proxy.n)" "$(median direct.n)") of direct${mitmdump:+, $(ratio "$(median proxy.n)" "$(median mitm.n)") times mitmdump}"
}
measure "8 keep-alive connections" 5 8 "$seconds"
measure "32 keep-alive connections" 3 32 "$seconds"
measure "8, each request on a new connection" 5 8 "$seconds" new
truncate -s 2G large
url=https://$host:8943
for round in 1 2 3; do
	for way in "direct --connect-to ::127.0.0.1:8943" "proxy -x http://127.0.0.1:10943"; do
		curl -s -k --http1.1 ${way#* } -o /dev/null -w '%{http_code} %{speed_download}\n' $url/large >>down."${way%% *}"
		curl -s -k --http1.1 ${way#* } -o /dev/null -T large -w '%{http_code} %{speed_upload}\n' $url/up >>up."${way%% *}"
	done
	total=$((total + 2))
done
for way in down up; do
	grep -hv '^200 ' $way.direct $way.proxy && echo "2 GB $way: an answer was not 200"
	sed 's/^200 //' $way.direct >direct.n
	sed 's/^200 //' $way.proxy >proxy.n
	echo "2 GB $way: median $(median proxy.n) B/s, $(ratio "$(median proxy.n)" "$(median direct.n)") of direct"
done
echo "after 2 GB: $(grep VmHWM /proc/$proxy/status | tr -s '\t ' ' ')"
line=$("$load" 10943 $host 8943 1000 "$seconds")
total=$((total + ${line%% *}))
echo "1,000 clients, proxy: $line; $(grep VmHWM /proc/$proxy/status | tr -s '\t ' ' ')"
kill -TERM $proxy
wait $proxy
echo "proxy ended with $?; $(grep -c '"kind":"call"' calls) calls captured of $total requests"
