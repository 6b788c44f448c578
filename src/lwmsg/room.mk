lwmsg_OBJECTS  := liblwmsg_nothr liblwmsg
lwmsg_HEADERS  := $(addprefix lwmsg/,archive.h assoc.h buffer.h call.h common.h connection.h context.h data.h lwmsg.h \
  message.h peer.h protocol.h security.h session.h status.h time.h type.h) relink/lwmsg.h
lwmsg_DIALECTS := c11 gnu17 c++11 c++20

# The whole implementation. Programs without threads of the library's, PAM and NSS modules as a rule, need no more.
liblwmsg_nothr_ROOM    := lwmsg
liblwmsg_nothr_VERSION := 0.1
liblwmsg_nothr_FILE    := liblwmsg_nothr.so.0.0.0
liblwmsg_nothr_SONAME  := liblwmsg_nothr.so.0
liblwmsg_nothr_LINKS   := liblwmsg_nothr.so
# PAM and NSS modules come and go: what the library keeps for later goes with them.
liblwmsg_nothr_SYSLIBS := -Wl,-u,relink_lwmsg_unload -Wl,-fini,relink_lwmsg_unload -lgcc_s -lc
liblwmsg_nothr_NEEDED  := libc.so.6 libgcc_s.so.1 $(LOADER)
# The base library that LWMsg was built with: others of that family used its functions, and named only LWMsg.
liblwmsg_nothr_BRINGS  := liblwbase_nothr.so.0
liblwmsg_nothr_PC      := lwmsg_nothr
liblwmsg_nothr_ARCHIVE := liblwmsg_nothr.a

# The peer's names, forwarded.
liblwmsg_ROOM    := lwmsg
liblwmsg_ABOVE   := liblwmsg_nothr
liblwmsg_VERSION := 0.1
liblwmsg_FILE    := liblwmsg.so.0.0.0
liblwmsg_SONAME  := liblwmsg.so.0
liblwmsg_LINKS   := liblwmsg.so
liblwmsg_NEEDED  := liblwmsg_nothr.so.0
liblwmsg_BRINGS  := liblwbase.so.0
liblwmsg_PC      := lwmsg
liblwmsg_ARCHIVE := liblwmsg.a
