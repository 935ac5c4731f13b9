-- How header fields are written.

local t = ...
local canonic = require("socket.headers").canonic

t.case("the usual names", function()
  t.equal(require("socket").headers.canonic, canonic)
  for _, name in ipairs({
    "Accept-Language", "Content-ID", "Content-MD5", "Content-Type", "DSN-Gateway", "ETag", "Host", "Message-ID",
    "MIME-Version", "Received-From-MTA", "SMTP-Remote-Recipient", "Subject", "TE", "User-Agent", "WWW-Authenticate",
    "X-Mailer",
  }) do
    t.equal(canonic[name:lower()], name)
  end
  t.equal(canonic["x-something-else"], nil)
end)
