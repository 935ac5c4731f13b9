--- pgmoon, unmodified, from a checkout, against a real PostgreSQL: a cluster of its own in the temporary directory.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")

local DATABASE, USER, PASSWORD = "postgres", "tester", "a secret"
local SERVER_PROGRAMS = 'PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)"; command -v "$1"'

--- A program that no user's path holds: Debian keeps a folder for each version.
local function server_program(name)
    local path, code = app.capture({ "sh", "-c", SERVER_PROGRAMS, "sh", name })
    if code ~= 0 then app.skip("no program " .. name .. " (package postgresql)") end
    return (path:gsub("%s+$", ""))
end

--- PostgreSQL does not run as root. Returns a function that makes a command line another user's where it has to be.
local function user_of(folder)
    app.execute({ "mkdir", folder })
    if app.execute({ "id", "-u" }):gsub("%s", "") ~= "0" then return function(words) return words end end
    if select(2, app.capture({ "id", "postgres" })) ~= 0 then app.skip("root, and no user postgres") end
    app.execute({ "chown", "postgres", folder })
    app.execute({ "chmod", "711", app.path(".") })
    return function(words)
        local all = { "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups" }
        for _, word in ipairs(words) do all[#all + 1] = word end
        return all
    end
end

local function start_server()
    local postgres, initdb = server_program("postgres"), server_program("initdb")
    local folder = app.path("cluster")
    local as_user = user_of(folder)
    app.write(app.path("password"), PASSWORD .. "\n")
    app.execute({ "chmod", "644", app.path("password") })
    app.execute(as_user({
        initdb, "-D", folder .. "/data", "--no-sync", "-A", "scram-sha-256", "-U", USER,
        "--pwfile=" .. app.path("password"), "--locale=C", "-E", "UTF8", "--no-instructions",
    }))
    app.execute(as_user({
        app.program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-keyout", folder .. "/data/server.key", "-out", folder .. "/data/server.crt",
    }))
    app.execute(as_user({ "chmod", "600", folder .. "/data/server.key" }))
    local port = app.free_port()
    local server = app.start("postgres", as_user({
        postgres, "-D", folder .. "/data", "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
        "-c", "unix_socket_directories=", "-c", "ssl=on",
    }), function(process)
        return process:said():find("ready to accept connections", 1, true)
    end)
    return server, port
end

local function cases(pgmoon, options)
    local function with_connection(more, body)
        local all = {}
        for _, source in ipairs({ options, more }) do
            for key, value in pairs(source) do all[key] = value end
        end
        local pg = pgmoon.new(all)
        app.ok(pg:connect())
        local ok, problem = pcall(body, pg)
        pg:disconnect()
        if not ok then error(problem, 0) end
    end

    app.case("SCRAM authentication, a query, an insert, a large result", function()
        with_connection({}, function(pg)
            app.equal(app.ok(pg:query("select 1 + 2 as sum"))[1].sum, 3)
            app.ok(pg:query("create table words (id serial primary key, word text)"))
            for i = 1, 50 do
                local result = app.ok(pg:query("insert into words (word) values ('word " .. i .. "')"))
                app.equal(result.affected_rows, 1)
            end
            local rows = app.ok(pg:query("select * from words order by id"))
            app.equal(#rows, 50)
            app.equal(rows[50].word, "word 50")
            app.equal(#app.ok(pg:query("select n from generate_series(1, 20000) n")), 20000)
        end)
    end)

    app.case("3 MB to the server and back", function()
        with_connection({}, function(pg)
            local text = ("0123456789abcdef"):rep(196608)
            local row = app.ok(pg:query("select " .. pg:escape_literal(text) .. " as text, 1 as one"))[1]
            app.ok(row.text == text, "the text came back changed")
            app.equal(row.one, 1)
        end)
    end)

    app.case("several statements, parameters, an empty query, nulls", function()
        with_connection({}, function(pg)
            local results, count = app.ok(pg:query("select 1 as a; select 2 as b"))
            app.equal(count, 2)
            app.equal(results[2][1].b, 2)
            app.equal(app.ok(pg:query("select $1::text || $2 as both", "left ", "right"))[1].both, "left right")
            pg:query("")
            app.equal(app.ok(pg:query("select null as nothing, true as yes"))[1].yes, true)
        end)
    end)

    app.case("an error of the server's leaves the connection usable", function()
        with_connection({}, function(pg)
            local result, message = pg:query("select * from no_such_table")
            app.equal(result, nil)
            app.ok(message:match("no_such_table"), message)
            app.equal(app.ok(pg:query("select 7 as seven"))[1].seven, 7)
        end)
    end)

    app.case("notifications between two connections", function()
        with_connection({}, function(listener)
            app.ok(listener:query("listen news"))
            with_connection({}, function(speaker)
                for i = 1, 3 do app.ok(speaker:query("notify news, 'item " .. i .. "'")) end
            end)
            for i = 1, 3 do
                app.equal(app.ok(listener:wait_for_notification()).payload, "item " .. i)
            end
        end)
    end)

    app.case("a timeout", function()
        with_connection({}, function(pg)
            pg:settimeout(150)
            local result, message = pg:query("select pg_sleep(0.6)")
            app.equal(result, nil)
            app.ok(message:match("timeout"), message)
        end)
    end)

    app.case("TLS by LuaSec over the connection's descriptor", function()
        app.module("ssl", "lua-sec")
        with_connection({ ssl = true, ssl_required = true }, function(pg)
            local row = app.ok(pg:query("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"))[1]
            app.equal(row.ssl, true)
            app.ok(row.version:match("^TLS"), row.version)
            local text = ("tls "):rep(250000)
            app.ok(app.ok(pg:query("select '" .. text .. "' as text"))[1].text == text, "the text came back changed")
        end)
    end)

    app.case("a wrong password", function()
        local pg = pgmoon.new({
            host = options.host, port = options.port, database = DATABASE, user = USER, password = "wrong",
        })
        local connected, message = pg:connect()
        app.equal(connected, nil)
        app.ok(message:match("authentication"), message)
        pg:disconnect()
    end)

    app.case("connection refused", function()
        local pg = pgmoon.new({ host = "127.0.0.1", port = tostring(app.free_port()), database = DATABASE })
        local connected, message = pg:connect()
        app.equal(connected, nil)
        app.equal(message, "connection refused")
    end)
end

app.run(function()
    app.checkout("leafo/pgmoon", ".")
    app.module("lpeg", "lua-lpeg")
    app.module("openssl.digest", "lua-luaossl")
    local server, port = start_server()
    cases(require("pgmoon"), {
        host = "127.0.0.1", port = tostring(port), database = DATABASE, user = USER, password = PASSWORD,
    })
    app.case("the server saw no protocol error", function()
        app.equal(server:said():match("[^\n]*protocol[^\n]*"), nil)
    end)
end)
