--- socket.smtp against a real Exim, call by call as LuaSocket; what arrives is compared as well.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")
local compare = dofile(app.dir .. "/calls.lua")

local config = [[
exim_user = @USER@
exim_group = @GROUP@
spool_directory = @DIR@/spool
log_file_path = @DIR@/log-%s
pid_file_path = @DIR@/pid
daemon_smtp_ports = @PORT@
local_interfaces = 127.0.0.1
primary_hostname = mail.example.org
domainlist local = example.org
host_lookup =
acl_smtp_rcpt = recipients
acl_smtp_data = everything
never_users =
queue_only = false
begin acl
recipients:
  deny local_parts = refused
       message = not here
  accept domains = +local
  deny message = no relay
everything:
  accept
begin routers
all:
  driver = accept
  local_parts = ours : ours2 : original : original2
  transport = files
begin transports
files:
  driver = appendfile
  directory = @DIR@/mail/$local_part_data
  create_directory
  directory_file = $tod_epoch_l
  message_prefix =
  user = @USER@
  group = @GROUP@
begin retry
* * F,1h,10m
]]

--- All messages for `who`, by their subjects; what is the delivery's alone is left out.
local function mail_of(who, wanted)
    local deadline = require("socket").gettime() + 10
    local messages, count
    repeat
        messages, count = {}, 0
        local listed = app.capture({ "sh", "-c", 'ls "$1"/* 2>/dev/null', "sh", app.path("exim/mail/" .. who) })
        for path in listed:gmatch("[^\n]+") do
            local text = app.read(path)
            local subject = text:match("\nSubject: ([^\n]*)")
            text = text:gsub("^.-\n(%u[%w-]*: )", "%1", 1):gsub("boundary=\"[^\"]*\"", ""):gsub("%-%-%d+==%d+", "--")
            local head, body = text:match("^(.-\n)\n(.*)$")
            -- The parts' fields come in any order, too.
            body = body:gsub("(%-%-\n)(%a[%w-]*: .-\n)\n", function(mark, lines)
                local list = {}
                for line in lines:gmatch("[^\n]+") do list[#list + 1] = line end
                table.sort(list)
                return mark .. table.concat(list, "\n") .. "\n\n"
            end)
            local fields = {}
            for name, value in head:gmatch("([%w-]+): ([^\n]*)") do
                if name ~= "Message-Id" and name ~= "X-Mailer" and name ~= "Date" and name ~= "Received" then
                    fields[#fields + 1] = name .. ": " .. value
                end
            end
            table.sort(fields)
            messages[subject], count = table.concat(fields, "\n") .. "\n\n" .. body, count + 1
        end
        if count < wanted then require("socket").sleep(0.05) end
    until count >= wanted or require("socket").gettime() > deadline
    return messages, count
end

app.run(function()
    local exim = app.program("exim4", "exim4-daemon-light")
    if not app.execute({ "id", "-u" }):match("^0%s") then app.skip("exim wants to be started by root") end
    local dir, port = app.path("exim"), app.free_port()
    app.execute({ "mkdir", "-p", dir .. "/spool", dir .. "/mail" })
    app.execute({ "chmod", "755", app.path(".") })
    app.execute({ "chown", "-R", "Debian-exim:Debian-exim", dir })
    local values = { DIR = dir, PORT = port, USER = "Debian-exim", GROUP = "Debian-exim" }
    local file = app.write(app.path("exim.conf"), (config:gsub("@(%u+)@", values)))
    app.start("exim", { exim, "-bdf", "-C", file }, function() return app.answers("127.0.0.1", port) end)
    compare(app, "smtp", port, "SIDE", app.free_port())
    local wanted = 6
    local ours, count = mail_of("ours", wanted)
    local original = mail_of("original", wanted)
    app.case("all messages arrive", function() app.equal(count, wanted) end)
    for subject, text in pairs(original) do
        app.case("the message \"" .. subject .. "\" arrives as LuaSocket's does", function()
            app.equal((ours[subject] or ""):gsub("%f[%w]ours%f[%W]", "original"), text)
        end)
    end
end)
