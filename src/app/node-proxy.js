// node-proxy.js - loaded into Node by "iamreplay record": lets connections that Node's own HTTPS agents open go through the
// proxy in HTTPS_PROXY, which they do not heed by themselves. Agents that know a proxy of their own are left alone.
'use strict';
const http = require('http'), https = require('https'), net = require('net');
const proxy = process.env.HTTPS_PROXY && new URL(process.env.HTTPS_PROXY);
const direct = https.Agent.prototype.createConnection;

function bypassed(host) {
	return host === 'localhost' || net.isIP(host) && /^127\.|^::1$/.test(host) ||
		(process.env.NO_PROXY || '').split(',').map(s => s.trim().replace(/^\*?\./, '')).some(s =>
			s === '*' || s && (host === s || host.endsWith('.' + s)));
}

if (proxy) https.Agent.prototype.createConnection = function (options, done) {
	const host = options.host || options.hostname || 'localhost';
	if (options.socket || options.socketPath || typeof done !== 'function' || bypassed(host))
		return direct.apply(this, arguments);
	const target = (host.includes(':') ? '[' + host + ']' : host) + ':' + (options.port || 443);
	const ask = http.request({agent: false, host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: target,
		headers: {Host: target}});
	ask.on('error', done);
	ask.on('connect', (answer, socket) => {
		if (answer.statusCode === 200)
			return done(null, direct.call(this, {...options, socket}));
		socket.destroy();
		done(new Error('iamreplay: the proxy answered CONNECT ' + target + ' with ' + answer.statusCode));
	});
	ask.end();
};
