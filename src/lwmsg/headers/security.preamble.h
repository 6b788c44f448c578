
/**
 * Who the other end of an association is. Opaque.
 */
typedef struct LWMsgSecurityToken LWMsgSecurityToken;
