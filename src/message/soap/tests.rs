use super::*;

const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";

/// An envelope of 1.5 with this body, whose elements are unqualified.
fn wrap(body: &str) -> String {
    format!(
        r#"<S:Envelope xmlns:S="{SOAP_12}" xmlns="urn://Ocpp/Cs/2012/06/"><S:Header><chargeBoxIdentity>CP 1</chargeBoxIdentity></S:Header><S:Body>{body}</S:Body></S:Envelope>"#
    )
}

fn read(xml: &str) -> SoapMessage {
    read_soap(xml).message.unwrap()
}

fn reason(xml: &str) -> Reason {
    read_soap(xml).message.unwrap_err().reason
}

/// The payload of a body in an envelope of this version's central system.
fn payload(date: &str, body: &str) -> String {
    let xml = format!(
        r#"<s:Envelope xmlns:s="{SOAP_12}" xmlns:o="urn://Ocpp/Cs/{date}/"><s:Body>{body}</s:Body></s:Envelope>"#
    );
    let payload = read(&xml).payload;
    assert!(serde_json::from_str::<serde_json::Value>(&payload).is_ok(), "{payload}");
    payload
}

#[test]
fn a_request_names_charge_point_action_version_and_sender() {
    let xml = format!(
        r#"<?xml version="1.0"?>
<soap:Envelope xmlns:soap="{SOAP_12}" xmlns:wsa="{ADDRESSING}" xmlns:cs="urn://Ocpp/Cs/2010/08/">
  <soap:Header>
    <cs:chargeBoxIdentity>CP &amp; 1</cs:chargeBoxIdentity>
    <wsa:Action>/BootNotification</wsa:Action>
    <wsa:MessageID>urn:uuid:7</wsa:MessageID>
    <wsa:From><wsa:Address>http://10.0.0.7/</wsa:Address></wsa:From>
  </soap:Header>
  <soap:Body>
    <!--a comment-->
    <cs:bootNotificationRequest>
      <cs:chargePointVendor>Acme</cs:chargePointVendor>
      <cs:chargePointModel><![CDATA[<22>]]></cs:chargePointModel>
    </cs:bootNotificationRequest>
  </soap:Body>
</soap:Envelope>"#
    );
    let message = read(&xml);
    assert_eq!(message.kind, Kind::Call);
    assert_eq!(message.action.as_deref(), Some("BootNotification"));
    assert_eq!(message.version, Some(Version::V12));
    assert_eq!(message.direction, Some(Direction::FromChargePoint));
    assert_eq!(message.charge_point.as_deref(), Some("CP & 1"));
    assert_eq!(message.id.as_deref(), Some("urn:uuid:7"));
    assert_eq!(message.payload, r#"{"chargePointVendor":"Acme","chargePointModel":"<22>"}"#);
}

#[test]
fn an_answer_relates_to_its_request_and_goes_the_other_way() {
    let xml = format!(
        r#"<Envelope xmlns="{SOAP_11}"><Header><a:MessageID xmlns:a="{ADDRESSING}">2</a:MessageID><a:RelatesTo xmlns:a="{ADDRESSING}">1</a:RelatesTo></Header><Body><resetResponse xmlns="urn://Ocpp/Cp/2015/10"><status>Accepted</status></resetResponse></Body></Envelope> and more"#
    );
    let reading = read_soap(&xml);
    assert_eq!(&xml[reading.consumed..], " and more");
    let message = reading.message.unwrap();
    assert_eq!((message.kind, message.action.as_deref()), (Kind::Result, Some("Reset")));
    assert_eq!((message.version, message.direction), (Some(Version::V16), Some(Direction::FromChargePoint)));
    assert_eq!((message.id.as_deref(), message.charge_point), (Some("1"), None));
    assert_eq!(message.payload, r#"{"status":"Accepted"}"#);
}

#[test]
fn an_id_of_the_log_counts_where_the_envelope_has_none() {
    let message = read(&wrap("<heartbeatRequest/>"));
    assert_eq!(&*message.message(Some("77")).id, "77");
    assert_eq!(&*message.message(None).id, "");
    assert_eq!(message.payload, "{}");
}

#[test]
fn every_namespace_tells_version_and_direction() {
    let service = |uri: &str| Service::of(uri).map(|service| (service.version, service.requests));
    for (date, version) in [("2010/08", Version::V12), ("2012/06", Version::V15), ("2015/10", Version::V16)] {
        for slash in ["", "/"] {
            assert_eq!(service(&format!("urn://Ocpp/Cs/{date}{slash}")), Some((version, Direction::FromChargePoint)));
            assert_eq!(service(&format!("urn://Ocpp/Cp/{date}{slash}")), Some((version, Direction::FromCsms)));
        }
    }
    for other in ["urn://Ocpp/Cs/2099/01/", "urn://Ocpp/Xx/2010/08/", "http://www.w3.org/2005/08/addressing", ""] {
        assert_eq!(service(other), None);
    }
}

#[test]
fn a_fault_is_a_refusal_with_the_innermost_code() {
    let xml = format!(
        r#"<s:Envelope xmlns:s="{SOAP_12}"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:o="urn://Ocpp/Cs/2012/06/">o:SecurityError</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">not you</s:Text></s:Reason><s:Detail><why>no</why></s:Detail></s:Fault></s:Body></s:Envelope>"#
    );
    let fault = read(&xml);
    assert_eq!((fault.kind, fault.action), (Kind::Error, None));
    assert_eq!(fault.error_code.as_deref(), Some("SecurityError"));
    assert_eq!(fault.error_description.as_deref(), Some("not you"));
    assert_eq!(fault.payload, r#"{"why":"no"}"#);

    let xml = format!(
        r#"<e:Envelope xmlns:e="{SOAP_11}"><e:Body><e:Fault><faultcode>e:Server</faultcode><faultstring>Error</faultstring></e:Fault></e:Body></e:Envelope>"#
    );
    let fault = read(&xml);
    assert_eq!((fault.error_code.as_deref(), fault.error_description.as_deref()), (Some("Server"), Some("Error")));
    assert_eq!(fault.payload, "");
}

#[test]
fn numbers_are_numbers_and_texts_stay_texts() {
    let body = "<o:startTransactionRequest><o:connectorId> 1 </o:connectorId><o:idTag>0042</o:idTag>\
                <o:meterStart>?</o:meterStart><o:reservationId>7</o:reservationId></o:startTransactionRequest>";
    assert_eq!(payload("2015/10", body), r#"{"connectorId":1,"idTag":"0042","meterStart":"?","reservationId":7}"#);
    let body =
        "<o:changeConfigurationRequest><o:key>interval</o:key><o:value>300</o:value></o:changeConfigurationRequest>";
    assert_eq!(payload("2015/10", body), r#"{"key":"interval","value":"300"}"#);
}

#[test]
fn what_may_repeat_is_a_list_even_alone() {
    let body = "<o:getConfigurationResponse><o:configurationKey><o:key>a</o:key><o:readonly>true</o:readonly>\
                <o:value>1</o:value></o:configurationKey><o:unknownKey>b</o:unknownKey></o:getConfigurationResponse>";
    assert_eq!(
        payload("2012/06", body),
        r#"{"configurationKey":[{"key":"a","readonly":true,"value":"1"}],"unknownKey":["b"]}"#
    );
    let body = "<o:getConfigurationRequest><o:key>a</o:key></o:getConfigurationRequest>";
    assert_eq!(payload("2012/06", body), r#"{"key":["a"]}"#);
    let body =
        "<o:dataTransferRequest><o:vendorId>v</o:vendorId><o:odd>1</o:odd><o:odd>2</o:odd></o:dataTransferRequest>";
    assert_eq!(payload("2012/06", body), r#"{"vendorId":"v","odd":["1","2"]}"#);
}

#[test]
fn meter_values_keep_the_shape_of_their_version() {
    let body = "<o:meterValuesRequest><o:connectorId>1</o:connectorId><o:values><o:timestamp>t</o:timestamp>\
                <o:value>121100</o:value></o:values></o:meterValuesRequest>";
    assert_eq!(payload("2010/08", body), r#"{"connectorId":1,"values":[{"timestamp":"t","value":121100}]}"#);

    let body = r#"<o:stopTransactionRequest><o:transactionId>5</o:transactionId><o:transactionData><o:values><o:timestamp>t</o:timestamp><o:value unit="kWh" context="Sample.Periodic">1.5</o:value><o:value>7</o:value></o:values></o:transactionData></o:stopTransactionRequest>"#;
    assert_eq!(
        payload("2012/06", body),
        r#"{"transactionId":5,"transactionData":[{"values":[{"timestamp":"t","value":[{"value":"1.5","unit":"kWh","context":"Sample.Periodic"},{"value":"7"}]}]}]}"#
    );

    let body = "<o:meterValuesRequest><o:meterValue><o:timestamp>t</o:timestamp><o:sampledValue><o:value>1</o:value>\
                <o:unit>Wh</o:unit></o:sampledValue></o:meterValue></o:meterValuesRequest>";
    assert_eq!(
        payload("2015/10", body),
        r#"{"meterValue":[{"timestamp":"t","sampledValue":[{"value":"1","unit":"Wh"}]}]}"#
    );
}

#[test]
fn a_document_type_is_refused_and_nothing_of_it_is_expanded() {
    let body = wrap("<heartbeatRequest/>");
    assert_eq!(reason(&format!("<!DOCTYPE a>{body}")), Reason::XmlDtd);
    let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>"#;
    assert_eq!(reason(&format!("{bomb}{body}")), Reason::XmlDtd);
    assert_eq!(reason(&format!("<!DOCTYPE a [{body}")), Reason::XmlDtd);
    // The same where the declaration was on a line of its own and is lost.
    assert_eq!(reason(&wrap("<authorizeRequest><idTag>&b;</idTag></authorizeRequest>")), Reason::XmlDtd);
    assert_eq!(reason(&wrap("<x><value unit='&b;'>1</value></x>")), Reason::XmlDtd);
}

#[test]
fn references_that_need_no_declaration_are_resolved() {
    let message = read(&wrap("<authorizeRequest><idTag>&lt;&#65;&#x42;&apos;&quot;&gt;</idTag></authorizeRequest>"));
    assert_eq!(message.payload, r#"{"idTag":"<AB'\">"}"#);
    assert_eq!(reason(&wrap("<authorizeRequest><idTag>&#xFFFFFF;</idTag></authorizeRequest>")), Reason::XmlSyntax);
}

#[test]
fn deep_nesting_is_refused_in_time_and_stack_that_do_not_grow_with_it() {
    let nested = |depth: usize| wrap(&format!("<aRequest>{}{}</aRequest>", "<a>".repeat(depth), "</a>".repeat(depth)));
    assert!(read_soap(&nested(125)).message.is_ok());
    assert_eq!(reason(&nested(126)), Reason::XmlDepth);
    assert_eq!(reason(&nested(100_000)), Reason::XmlDepth);
    assert_eq!(reason(&wrap(&"<a>".repeat(100_000))), Reason::XmlDepth);
}

#[test]
fn many_children_cost_no_more_than_their_length() {
    let many: Vec<_> = (0..50_000).map(|number| format!("<k{number}>1</k{number}>")).collect();
    let many = many.concat();
    assert!(read_soap(&wrap(&format!("<dataTransferRequest>{many}</dataTransferRequest>"))).message.is_ok());
    let bound: Vec<_> = (0..50_000).map(|number| format!(" xmlns:p{number}='urn://Ocpp/Cs/2012/06/'")).collect();
    let bound = bound.concat();
    assert!(read_soap(&wrap(&format!("<heartbeatRequest{bound}/>"))).message.is_ok());
}

#[test]
fn cut_and_broken_texts_are_told_apart() {
    let whole = wrap("<authorizeRequest><idTag>1</idTag></authorizeRequest>");
    for end in 0..whole.len() {
        assert_eq!(reason(&whole[..end]), Reason::XmlTruncated, "{}", &whole[..end]);
    }
    assert_eq!(reason(&wrap("<aRequest></bRequest>")), Reason::XmlSyntax);
    assert_eq!(reason("<a/>"), Reason::XmlSyntax);
    assert_eq!(reason(&wrap("<aRequest b=>1</aRequest>")), Reason::XmlSyntax);
    assert_eq!(reason(&wrap("")), Reason::ActionInvalid);
    assert_eq!(reason(&wrap("<ping/>")), Reason::ActionInvalid);
    let foreign = format!(r#"<e:Envelope xmlns:e="{SOAP_11}"><e:Body><orderRequest/></e:Body></e:Envelope>"#);
    assert_eq!(reason(&foreign), Reason::ActionInvalid);
}

#[test]
fn every_operation_of_every_version_is_found_by_its_element() {
    let central = [
        "authorize",
        "bootNotification",
        "dataTransfer",
        "diagnosticsStatusNotification",
        "firmwareStatusNotification",
        "heartbeat",
        "meterValues",
        "startTransaction",
        "statusNotification",
        "stopTransaction",
    ];
    let charge_point = [
        "cancelReservation",
        "changeAvailability",
        "changeConfiguration",
        "clearCache",
        "clearChargingProfile",
        "dataTransfer",
        "getCompositeSchedule",
        "getConfiguration",
        "getDiagnostics",
        "getLocalListVersion",
        "remoteStartTransaction",
        "remoteStopTransaction",
        "reserveNow",
        "reset",
        "sendLocalList",
        "setChargingProfile",
        "triggerMessage",
        "unlockConnector",
        "updateFirmware",
    ];
    for (side, names, requests) in
        [("Cs", &central[..], Direction::FromChargePoint), ("Cp", &charge_point[..], Direction::FromCsms)]
    {
        for name in names {
            for (ending, direction) in [("Request", requests), ("Response", requests.opposite())] {
                let xml = format!(
                    r#"<s:Envelope xmlns:s="{SOAP_12}"><s:Body><o:{name}{ending} xmlns:o="urn://Ocpp/{side}/2015/10/"/></s:Body></s:Envelope>"#
                );
                let message = read(&xml);
                let action = Action::from_name(message.action.as_deref().unwrap());
                assert_ne!(action, Action::UNKNOWN, "{name}");
                assert_eq!(message.direction, Some(direction));
                if let Some(legal) = action.direction() {
                    assert_eq!(legal, requests, "{name}");
                }
            }
        }
    }
}

mod mutations {
    use super::*;
    use proptest::prelude::*;

    fn seeds() -> impl Strategy<Value = String> {
        prop_oneof![
            Just(wrap("<authorizeRequest><idTag>&amp;&#65;</idTag></authorizeRequest>")),
            Just(wrap("<meterValuesRequest><values><value unit='Wh'>1</value></values></meterValuesRequest>")),
            Just(wrap("<S:Fault><S:Code><S:Value>S:Sender</S:Value></S:Code><S:Detail><a/></S:Detail></S:Fault>")),
            Just(format!("<?xml version='1.0'?><!-- x -->{}", wrap("<a><![CDATA[b]]><c xsi:nil='true'/></a>"))),
        ]
    }

    proptest! {
        #[test]
        fn nothing_that_can_be_written_panics(
            seed in seeds(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), "[<>&;/!\\[\\]='\"a:é \u{0}-]{0,3}", 0_usize..4), 0..6),
        ) {
            let mut letters: Vec<char> = seed.chars().collect();
            for (place, text, gone) in edits {
                let at = place.index(letters.len() + 1);
                let end = (at + gone).min(letters.len());
                letters.splice(at..end, text.chars());
            }
            let xml: String = letters.into_iter().collect();
            let reading = read_soap(&xml);
            prop_assert!(reading.consumed <= xml.len() && xml.is_char_boundary(reading.consumed));
            if let Ok(message) = reading.message {
                let payload = message.payload;
                prop_assert!(payload.is_empty() || serde_json::from_str::<serde_json::Value>(&payload).is_ok());
            }
        }
    }
}
