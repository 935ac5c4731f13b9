--- A real nginx for the application tests: generates its configuration, starts it, ends with the test.
-- Everything it writes lies in the test's temporary directory. Returns function(app, options) -> process; its `url`
-- has no slash at the end. Options: `locations` (text inside the server block), `tls` (text that turns TLS on), `ipv6`.

local template = [[
daemon off;
pid @DIR@/nginx.pid;
error_log stderr warn;
worker_processes 1;
@USER@
events { worker_connections 64; }
http {
    access_log off;
    default_type text/plain;
    client_body_temp_path @DIR@/body;
    proxy_temp_path @DIR@/proxy;
    fastcgi_temp_path @DIR@/fastcgi;
    uwsgi_temp_path @DIR@/uwsgi;
    scgi_temp_path @DIR@/scgi;
    client_max_body_size 64m;
    server {
        listen 127.0.0.1:@PORT@@SSL@;
        @IPV6@
        root @DIR@/root;
@LOCATIONS@
    }
}
]]

return function(app, options)
    local nginx = app.program("nginx", "nginx-light")
    local dir, port = app.path("nginx"), app.free_port()
    app.execute({ "mkdir", "-p", dir .. "/root" })
    local is_root = app.execute({ "id", "-u" }):match("^0%s")
    local values = {
        DIR = dir,
        PORT = port,
        USER = is_root and "user root;" or "", -- the worker must reach the temporary directory
        SSL = options.tls and " ssl" or "",
        IPV6 = options.ipv6 and "listen [::1]:" .. port .. " ipv6only=on;" or "",
        LOCATIONS = (options.tls or "") .. (options.locations or ""),
    }
    local config = app.write(dir .. "/nginx.conf", (template:gsub("@(%u+%d?)@", values)))
    local process = app.start("nginx", { nginx, "-p", dir, "-e", "stderr", "-c", config }, function()
        return app.answers("127.0.0.1", port)
    end)
    process.port, process.root = port, dir .. "/root"
    process.url = (options.tls and "https" or "http") .. "://127.0.0.1:" .. port
    return process
end
