--- socket.ftp against a real vsftpd, call by call as LuaSocket.

local app = dofile((arg[0]:match("^(.*)/[^/]*$") or ".") .. "/app.lua")
local compare = dofile(app.dir .. "/calls.lua")

local config = [[
listen=YES
listen_address=127.0.0.1
listen_port=@PORT@
background=NO
anonymous_enable=YES
local_enable=NO
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
anon_root=@ROOT@
secure_chroot_dir=@EMPTY@
seccomp_sandbox=NO
ftp_username=ftp
xferlog_enable=NO
]]

app.run(function()
    local vsftpd = app.program("vsftpd", "vsftpd")
    if not app.execute({ "id", "-u" }):match("^0%s") then app.skip("vsftpd wants to be started by root") end
    local root, empty, port = app.path("ftp"), app.path("empty"), app.free_port()
    app.execute({ "mkdir", root, empty, root .. "/ours", root .. "/original" })
    app.write(root .. "/small", "a\r\nb\0\n")
    app.write(root .. "/a b", "blank")
    app.execute({ "sh", "-c", 'head -c 3000017 /dev/zero >"$1/large"', "sh", root })
    -- Its children are somebody else, who must find the way.
    app.execute({ "chmod", "755", app.path("."), root, empty })
    app.execute({ "chown", "ftp", root .. "/ours", root .. "/original" })
    local values = { PORT = port, ROOT = root, EMPTY = empty }
    local file = app.write(app.path("vsftpd.conf"), (config:gsub("@(%u+)@", values)))
    app.start("vsftpd", { vsftpd, file }, function() return app.answers("127.0.0.1", port) end)
    compare(app, "ftp", port, "SIDE", app.free_port())
    app.case("what was put is there", function()
        for _, side in ipairs({ "ours", "original" }) do
            app.equal(app.read(root .. "/" .. side .. "/new"), "what is\r\nput\0more", side)
        end
    end)
end)
